"""What runs the code of a course; the extra `coursekit[run]`. Nothing outside imports it before it is needed."""
