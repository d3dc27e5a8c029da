package io.loomvisor.net.link;

/**
 * What a {@link FaultyLink} does to packets. Probabilities are from 0 to 1, times in nanoseconds.
 *
 * @param loss a packet disappears
 * @param duplicate a packet arrives twice
 * @param reorder a packet overtakes nothing: it is held back by {@code reorderDelay}
 * @param corrupt one bit of a packet is inverted
 * @param bytesPerSecond 0: not limited
 * @param queueLimit bytes waiting for the rate limit before packets are dropped
 */
public record Faults(
    double loss,
    double duplicate,
    double reorder,
    double corrupt,
    long delay,
    long jitter,
    long reorderDelay,
    long bytesPerSecond,
    int queueLimit) {
  public static final Faults NONE = new Faults(0, 0, 0, 0, 0, 0, 0, 0, 1 << 20);

  public Faults withLoss(double p) {
    return new Faults(
        p, duplicate, reorder, corrupt, delay, jitter, reorderDelay, bytesPerSecond, queueLimit);
  }

  public Faults withDuplicate(double p) {
    return new Faults(
        loss, p, reorder, corrupt, delay, jitter, reorderDelay, bytesPerSecond, queueLimit);
  }

  public Faults withReorder(double p, long by) {
    return new Faults(loss, duplicate, p, corrupt, delay, jitter, by, bytesPerSecond, queueLimit);
  }

  public Faults withCorrupt(double p) {
    return new Faults(
        loss, duplicate, reorder, p, delay, jitter, reorderDelay, bytesPerSecond, queueLimit);
  }

  public Faults withDelay(long nanos, long plusMinus) {
    return new Faults(
        loss,
        duplicate,
        reorder,
        corrupt,
        nanos,
        plusMinus,
        reorderDelay,
        bytesPerSecond,
        queueLimit);
  }

  public Faults withRate(long bytes, int queue) {
    return new Faults(loss, duplicate, reorder, corrupt, delay, jitter, reorderDelay, bytes, queue);
  }
}
