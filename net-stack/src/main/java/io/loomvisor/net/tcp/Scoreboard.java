package io.loomvisor.net.tcp;

/**
 * What is in flight: ranges in order of sequence, each with when it was sent and what is thought of
 * it (RFC 6675 section 3, with the per-segment times of RFC 8985). Neighbouring ranges that the
 * peer holds are joined, so the list stays short. Entries are reused.
 */
final class Scoreboard {
  private static final int MAX_FREE = 256;

  private Sent head;
  private Sent tail;
  private Sent free;
  private int freeCount;
  private int entries;
  private long sackedBytes;
  private long lostBytes;
  private long againBytes;
  private int sackedSegments;
  private int pipeSegments;

  /** No entry before this one is lost and not yet sent again; null: no entry at all. */
  private Sent resendHint;

  Sent head() {
    return head;
  }

  Sent tail() {
    return tail;
  }

  boolean isEmpty() {
    return head == null;
  }

  int entries() {
    return entries;
  }

  long sackedBytes() {
    return sackedBytes;
  }

  int sackedSegments() {
    return sackedSegments;
  }

  long lostBytes() {
    return lostBytes;
  }

  long againBytes() {
    return againBytes;
  }

  /** Bytes thought to be in the network: RFC 6675's pipe. */
  long pipe() {
    long outstanding = head == null ? 0 : tail.end - head.start;
    return outstanding - sackedBytes - lostBytes + againBytes;
  }

  /** As {@link #pipe}, counted in segments: small ones count as much as large ones. */
  int pipeSegments() {
    return pipeSegments;
  }

  void add(long start, long end, long now, int mss) {
    Sent s = take();
    s.start = start;
    s.end = end;
    s.at = now;
    s.segments = segments(end - start, mss);
    s.previous = tail;
    if (tail == null) {
      head = s;
    } else {
      tail.next = s;
    }
    tail = s;
    entries++;
    count(s);
  }

  /** Removes what ends at or before {@code una}, telling {@code visitor} about each. */
  void acknowledge(long una, Visitor visitor) {
    while (head != null && head.end <= una) {
      Sent s = head;
      visitor.acknowledged(s);
      uncount(s);
      unlink(s);
      give(s);
    }
    if (head != null && head.start < una) {
      Sent s = head;
      visitor.partlyAcknowledged(s, una - s.start);
      uncount(s);
      int rest = (int) Math.max(1, Math.round((double) s.segments * (s.end - una) / s.length()));
      s.start = una;
      s.segments = rest;
      count(s);
    }
  }

  /** Marks what lies inside {@code [left, right)} as held by the peer; whole entries or parts. */
  void sack(long left, long right, int mss, Visitor visitor) {
    Sent s = head;
    while (s != null && s.end <= left) {
      s = s.next;
    }
    while (s != null && s.start < right) {
      if (s.sacked) {
        s = s.next;
        continue;
      }
      // A part counts in whole segments only: a peer cannot make the list longer than what was
      // sent.
      if (s.start < left) {
        long cut = s.start + (left - s.start + mss - 1) / mss * mss;
        if (cut < s.end) {
          split(s, cut, mss);
        }
        s = s.next;
        continue;
      }
      if (s.end > right) {
        long cut = s.start + (right - s.start) / mss * mss;
        if (cut == s.start) {
          return;
        }
        split(s, cut, mss);
      }
      visitor.sacked(s);
      uncount(s);
      s.sacked = true;
      s.lost = false;
      s.again = false;
      count(s);
      s = join(s).next;
    }
  }

  /** Joins {@code s} with sacked neighbours; returns what it has become. */
  private Sent join(Sent s) {
    Sent kept = s;
    if (s.previous != null && s.previous.sacked) {
      kept = s.previous;
      absorbNext(kept);
    }
    if (kept.next != null && kept.next.sacked) {
      absorbNext(kept);
    }
    return kept;
  }

  private void absorbNext(Sent s) {
    Sent gone = s.next;
    s.end = gone.end;
    s.segments += gone.segments;
    s.at = Math.max(s.at, gone.at);
    unlink(gone);
    give(gone);
  }

  /** Splits an entry in two at {@code at}; the second one follows it. */
  void split(Sent s, long at, int mss) {
    Sent t = take();
    uncount(s);
    t.start = at;
    t.end = s.end;
    t.at = s.at;
    t.sacked = s.sacked;
    t.lost = s.lost;
    t.again = s.again;
    t.ambiguous = s.ambiguous;
    s.end = at;
    s.segments = segments(s.length(), mss);
    t.segments = segments(t.length(), mss);
    t.previous = s;
    t.next = s.next;
    if (s.next == null) {
      tail = t;
    } else {
      s.next.previous = t;
    }
    s.next = t;
    entries++;
    count(s);
    count(t);
  }

  /** Thinks {@code s}, which the peer does not hold, lost; also if it was sent again before. */
  void markLost(Sent s) {
    uncount(s);
    s.lost = true;
    s.again = false;
    count(s);
    if (resendHint == null || s.start < resendHint.start) {
      resendHint = s;
    }
  }

  void unmarkLost() {
    for (Sent s = head; s != null; s = s.next) {
      if (s.lost) {
        uncount(s);
        s.lost = false;
        s.again = false;
        count(s);
      }
    }
    resendHint = null;
  }

  /** The peer has gone back on what it said it held (RFC 2018 section 8). */
  void unmarkSacked() {
    for (Sent s = head; s != null; s = s.next) {
      if (s.sacked) {
        uncount(s);
        s.sacked = false;
        count(s);
      }
    }
  }

  void markResent(Sent s, long now) {
    uncount(s);
    s.again = s.lost;
    s.ambiguous = true;
    s.at = now;
    count(s);
  }

  /** The first entry that is lost and not sent again since, or null. */
  Sent nextToResend() {
    Sent s = resendHint;
    while (s != null && !(s.lost && !s.again)) {
      s = s.next;
    }
    resendHint = s;
    return s;
  }

  /** End of the highest range the peer holds, or {@code otherwise}. */
  long highestSacked(long otherwise) {
    for (Sent s = tail; s != null; s = s.previous) {
      if (s.sacked) {
        return s.end;
      }
    }
    return otherwise;
  }

  void clear() {
    head = null;
    tail = null;
    free = null;
    freeCount = 0;
    entries = 0;
    sackedBytes = 0;
    lostBytes = 0;
    againBytes = 0;
    sackedSegments = 0;
    pipeSegments = 0;
    resendHint = null;
  }

  private void count(Sent s) {
    adjust(s, s.length(), s.segments);
  }

  private void uncount(Sent s) {
    adjust(s, -s.length(), -s.segments);
  }

  private void adjust(Sent s, long bytes, int segments) {
    if (!s.sacked && (!s.lost || s.again)) {
      pipeSegments += segments;
    }
    if (s.sacked) {
      sackedBytes += bytes;
      sackedSegments += segments;
    }
    if (s.lost) {
      lostBytes += bytes;
      if (s.again) {
        againBytes += bytes;
      }
    }
  }

  private void unlink(Sent s) {
    if (s == resendHint) {
      resendHint = s.next;
    }
    if (s.previous == null) {
      head = s.next;
    } else {
      s.previous.next = s.next;
    }
    if (s.next == null) {
      tail = s.previous;
    } else {
      s.next.previous = s.previous;
    }
    entries--;
  }

  private Sent take() {
    if (free == null) {
      return new Sent();
    }
    Sent s = free;
    free = s.next;
    freeCount--;
    s.next = null;
    s.previous = null;
    s.sacked = false;
    s.lost = false;
    s.again = false;
    s.ambiguous = false;
    return s;
  }

  private void give(Sent s) {
    if (freeCount < MAX_FREE) {
      s.previous = null;
      s.next = free;
      free = s;
      freeCount++;
    }
  }

  private static int segments(long bytes, int mss) {
    return (int) ((bytes + mss - 1) / mss);
  }

  /** Hears of entries as they are delivered, before they change. */
  interface Visitor {
    void acknowledged(Sent s);

    /** Only the first {@code bytes} of it. */
    void partlyAcknowledged(Sent s, long bytes);

    void sacked(Sent s);
  }
}
