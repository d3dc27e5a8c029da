package io.loomvisor.task.bpf;

/** What one run of a program reads. */
public interface BpfData {
  /** A load from outside of the data, which ends the program with 0. */
  long OUTSIDE = -1;

  int length();

  /**
   * {@code size} bytes (1, 2, 4) at {@code offset}, zero-extended; {@link #OUTSIDE}.
   *
   * @param offset also negative: places that the rules give names (SKF_AD_OFF and kin)
   */
  long load(int offset, int size);
}
