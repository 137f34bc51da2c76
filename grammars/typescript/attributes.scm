; What instances hold: each statement of a constructor that sets a property, as @attribute.
(method_definition
  name: (property_identifier) @constructor
  body: (statement_block
    (expression_statement (assignment_expression left: (member_expression object: (this)))) @attribute)
  (#set! constructor "constructor"))
