package io.loomvisor.vfs;

import java.util.List;

/**
 * What a directory has found of the names that a walk expects.
 *
 * @param found inodes of the first names in turn
 * @param thenAbsent the name after them does not exist
 */
public record NamesAhead(List<Inode> found, boolean thenAbsent) {
  /** Each name is to be looked up. */
  public static final NamesAhead UNKNOWN = new NamesAhead(List.of(), false);
}
