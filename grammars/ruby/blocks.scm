; @open ends a header that a block follows.
(module name: (_) @open)
(class name: (_) @open !superclass)
(class superclass: (_) @open)
(singleton_class value: (_) @open)
(method name: (_) @open !parameters)
(method parameters: (_) @open)
(singleton_method name: (_) @open !parameters)
(singleton_method parameters: (_) @open)
(if condition: (_) @open)
(elsif condition: (_) @open)
(unless condition: (_) @open)
(while condition: (_) @open)
(until condition: (_) @open)
(while body: (do "do" @open))
(until body: (do "do" @open))
(for body: (do "do" @open))
(else "else" @open)
(case value: (_) @open)
(when pattern: (pattern) @open)
(begin "begin" @open)
(ensure "ensure" @open)
(rescue "rescue" @open)
(rescue exceptions: (_) @open)
(rescue variable: (_) @open)
(do_block "do" @open)
(do_block parameters: (_) @open)
(block "{" @open)
(block parameters: (_) @open)

; @text is no place for a block to begin.
(string) @text
(heredoc_body) @text
(regex) @text
