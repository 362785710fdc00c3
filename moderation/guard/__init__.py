"""Words that could tell who a patient is are stopped before they are stored."""
