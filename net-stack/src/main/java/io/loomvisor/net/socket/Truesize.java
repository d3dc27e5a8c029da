package io.loomvisor.net.socket;

/**
 * The memory that a received packet is charged with: what Linux calls its truesize, so that as many
 * fit into a receive buffer as there. A packet is a struct sk_buff and a head, from a cache of
 * small ones or rounded up to a power of two (net/core/skbuff.c, kmalloc_reserve); a long packet
 * has a small head and pages, which count byte by byte.
 */
public final class Truesize {
  /** sizeof(struct sk_buff), and struct skb_shared_info at the end of the head. */
  private static final int SK_BUFF = 256;

  private static final int SHARED_INFO = 320;

  /** SKB_SMALL_HEAD_CACHE_SIZE. */
  private static final int SMALL_HEAD = 576;

  private static final int SMALLEST_KMALLOC = 1024;
  private static final int LARGEST_KMALLOC = 16_384;

  /**
   * Room for a link header of 16 bytes, and what aligns after it (ip_append_data); IPv6 adds the
   * size of a fragment header instead (ip6_append_data).
   */
  private static final int LINK_ROOM4 = 31;

  private static final int LINK_ROOM6 = 24;

  private Truesize() {}

  /**
   * Of a packet of {@code length} bytes from its IP header on.
   *
   * @param headers how many of them are IP's and the transport's
   */
  public static int of(int length, int headers, boolean v6) {
    int head = length + (v6 ? LINK_ROOM6 : LINK_ROOM4) + SHARED_INFO;
    if (head <= SMALL_HEAD) {
      return SK_BUFF + SMALL_HEAD;
    }
    if (head >= LARGEST_KMALLOC) {
      return SK_BUFF + SMALL_HEAD + length - headers;
    }
    int power = Integer.highestOneBit(head - 1) << 1;
    return SK_BUFF + Math.max(power, SMALLEST_KMALLOC);
  }
}
