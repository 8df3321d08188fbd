"""Desktop notifications: the interface (`notice`), the texts, and the back ends that show them."""
