"""No query lists sightings by person for anybody but the subject, or joins places or days."""
