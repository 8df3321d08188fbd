"""Desktop notifications: what to say (`texts`), the interface (`notice`), and one module per way of saying it."""
