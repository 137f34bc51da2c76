; What each import names: a @statement, the @module as written, the @names taken from it; a @path is both, its last part the name.
(import (qualified_identifier) @path) @statement
(import (qualified_identifier) @module "." "*" @name)
