; What each import names: a @statement, the @module as written, the @names taken from it; a @path is both, its last part the name.
; @relative marks a module written as a path from this file.
; What stands in a list goes on from the @module of what it is @within.
[(use_declaration) (extern_crate_declaration) (mod_item !body)] @statement
(use_declaration argument: [(identifier) (scoped_identifier)] @path)
(use_list [(identifier) (self) (scoped_identifier)] @path)
(use_as_clause path: (_) @path)
(use_wildcard (_) @module "*" @name)
(scoped_use_list path: (_) @module) @within
(extern_crate_declaration name: (identifier) @module)
(mod_item name: (identifier) @module @relative !body)
