"""Every display of a person: decided, counted, logged, and what a person says about who may look."""
