; What brings names into the file, at the top level only.
(program
  (call !receiver method: (identifier) @callee) @import
  (#set! callee "require|require_relative|load|autoload"))
