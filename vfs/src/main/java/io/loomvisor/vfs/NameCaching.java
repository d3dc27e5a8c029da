package io.loomvisor.vfs;

/** What the VFS may do with the names of a directory that it has looked up. */
public enum NameCaching {
  /** Keep them, found or not, until it changes them itself. */
  KEPT,

  /**
   * Keep the dentry of a name that was found, but ask again each time whether the name still leads
   * there (Linux: d_revalidate): others than this kernel change the directory.
   */
  CHECKED,

  /** Keep nothing. */
  NONE
}
