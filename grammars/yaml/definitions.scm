; A definition without a scope of its own: all of it as @definition.KIND, with its @name.
(stream (document (block_node (block_mapping (block_mapping_pair key: (_) @name value: (flow_node)) @definition.variable))))
