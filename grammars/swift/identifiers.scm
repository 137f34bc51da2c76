; @identifier is the name of something that may be defined elsewhere.
[(simple_identifier) (type_identifier)] @identifier
