; A scope: the whole definition as @scope.KIND, with its @name and, where it has one, its @body.
(class_definition name: (identifier) @name body: (template_body) @body) @scope.class
(object_definition name: (identifier) @name body: (template_body) @body) @scope.class
(trait_definition name: (identifier) @name body: (template_body) @body) @scope.trait
(enum_definition name: (identifier) @name body: (enum_body) @body) @scope.enum
(function_definition name: (_) @name body: [(block) (indented_block)] @body) @scope.function
