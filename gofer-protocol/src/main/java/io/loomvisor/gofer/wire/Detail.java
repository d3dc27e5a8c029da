package io.loomvisor.gofer.wire;

/** Which entries of a directory are told with their attributes. */
public enum Detail {
  /** None of them. */
  NAMES,

  /** Directories: who reads a tree goes into them next. */
  DIRECTORIES,

  /** All of them. */
  ALL
}
