; What instances hold: each statement of a constructor that sets a variable of the instance, as @attribute.
(method
  name: (identifier) @constructor
  body: (body_statement (assignment left: (instance_variable)) @attribute)
  (#set! constructor "initialize"))
