"""The portal's pages of the figures of the practice, and of what admins type in for them."""
