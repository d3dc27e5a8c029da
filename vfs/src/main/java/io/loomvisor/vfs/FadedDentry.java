package io.loomvisor.vfs;

import java.lang.ref.WeakReference;

/**
 * Stands in a directory for a dentry that is no longer cached but may be in use; see {@link
 * DentryCache}.
 */
final class FadedDentry extends WeakReference<Dentry> {
  private final DentryChildren directory;
  private final String name;

  FadedDentry(Dentry dentry, DentryChildren directory, String name, DentryCache cache) {
    super(dentry, cache.dead());
    this.directory = directory;
    this.name = name;
  }

  /** The dentry is no more: so is its entry. */
  void remove() {
    directory.forget(name, this);
  }
}
