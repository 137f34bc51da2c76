; @identifier is the name of something that may be defined elsewhere.
[(identifier) (property_identifier) (shorthand_property_identifier) (type_identifier)] @identifier
