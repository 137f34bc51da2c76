; What brings names into the file, at the top level only.
(program (command name: (command_name) @callee) @import
  (#set! callee "source|\\."))
