; A definition without a scope of its own: all of it as @definition.KIND, with its @name.
(document (object (pair key: (string (string_content) @name) value: [(string) (number) (true) (false) (null)]) @definition.variable))
