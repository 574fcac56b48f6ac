-- Give one of one's own encrypted memories a vector, or take it away (null). Sent as an untyped
-- literal: the function's signature gives it its type.
select memoriesdb.put_embedding(
  memory_id => %(memory_id)s::uuid,
  embedding => %(embedding)s
);
