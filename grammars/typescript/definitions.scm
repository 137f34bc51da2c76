; Names defined at the top level without a scope of their own.
(program (type_alias_declaration name: (type_identifier) @name) @definition.type)
(program (export_statement (type_alias_declaration name: (type_identifier) @name)) @definition.type)
