; What each import names: a @statement, the @module as written, the @names taken from it; a @path is both, its last part the name.
(using_directive [(identifier) (qualified_name) (alias_qualified_name)] @module . ";") @statement
