"""The store: schema, import, rollup and queries. The only place with SQL."""
