; A scope: the whole definition as @scope.KIND, with its @name and, where it has one, its @body.
(class_declaration name: [(type_identifier) (user_type)] @name body: [(class_body) (enum_class_body)] @body) @scope.class
(protocol_declaration name: (type_identifier) @name body: (protocol_body) @body) @scope.interface
(_ "func" . (simple_identifier) @name body: (function_body) @body) @scope.function
(init_declaration "init" @name body: (function_body) @body) @scope.function
(deinit_declaration "deinit" @name body: (function_body) @body) @scope.function
(property_declaration name: (pattern) @name computed_value: (computed_property) @body) @scope.function
