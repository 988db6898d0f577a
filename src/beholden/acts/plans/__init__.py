"""Find-me plans: laid down beforehand, opened by two, matched for the welfare body, and told to the person."""
