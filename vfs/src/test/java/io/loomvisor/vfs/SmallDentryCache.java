package io.loomvisor.vfs;

/** For tests of other packages: a file system of which few names are cached. */
public final class SmallDentryCache {
  private SmallDentryCache() {}

  /** Before any name of it is looked up. */
  public static void of(Filesystem filesystem, int limit) {
    filesystem.rootDentry().keepNamesBelow(new DentryCache(limit));
  }
}
