; A scope: the whole definition as @scope.KIND, with its @name and, where it has one, its @body.
(block_mapping_pair key: (_) @name value: (block_node [(block_mapping) (block_sequence)] @body)) @scope.mapping
