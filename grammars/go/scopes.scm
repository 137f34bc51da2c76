; A scope: the whole definition as @scope.KIND, with its @name and @body.
(function_declaration name: (identifier) @name body: (block) @body) @scope.function
(method_declaration name: (field_identifier) @name body: (block) @body) @scope.function
(type_declaration
  (type_spec name: (type_identifier) @name type: (struct_type (field_declaration_list) @body))) @scope.struct
(type_declaration (type_spec name: (type_identifier) @name type: (interface_type "{" @body))) @scope.interface
