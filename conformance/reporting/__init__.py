"""What people and machines read: one result model, every format a view of it."""
