"""Who brought whom: linking a referrer and what each referral earned."""
