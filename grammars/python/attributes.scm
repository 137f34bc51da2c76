; What instances hold: each statement of a constructor that sets an attribute, as @attribute.
(class_definition
  body: (block
    (function_definition
      name: (identifier) @constructor
      body: (block
        (expression_statement (assignment left: (attribute object: (identifier) @instance))) @attribute)))
  (#set! constructor "__init__")
  (#set! instance "self"))
