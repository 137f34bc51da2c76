; @identifier is the name of something that may be defined elsewhere.
[(identifier) (field_identifier) (type_identifier)] @identifier
