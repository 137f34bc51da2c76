; A scope: the whole definition as @scope.KIND, with its @name and @body.
(function_item name: (_) @name body: (block) @body) @scope.function
(impl_item type: (_) @name body: (declaration_list) @body) @scope.impl
(trait_item name: (type_identifier) @name body: (declaration_list) @body) @scope.trait
(mod_item name: (identifier) @name body: (declaration_list) @body) @scope.module
(struct_item name: (type_identifier) @name body: (field_declaration_list) @body) @scope.struct
(enum_item name: (type_identifier) @name body: (enum_variant_list) @body) @scope.enum
(macro_definition name: (identifier) @name "{" @body) @scope.macro
