package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.wire.Detail;

/**
 * Whether who lists directories will look at the files in them too, as ls -l and du do and find
 * does not: then a listing brings all attributes along. A guess from what was done last; a wrong
 * one costs time only. Written in the file system's actor.
 */
final class Forecast {
  private static final int MOST = 8;

  /** How much more a directory that was looked into says than one that was not. */
  private static final int STEP = 2;

  private volatile int confidence = 1;

  /** What a listing should bring. Any thread. */
  Detail detail() {
    return confidence > 0 ? Detail.ALL : Detail.DIRECTORIES;
  }

  /** A directory with other things than directories was listed. */
  void listed() {
    confidence = Math.max(0, confidence - 1);
  }

  /** One of these things was looked up, the first since the listing. */
  void lookedAt() {
    confidence = Math.min(MOST, confidence + STEP);
  }
}
