package io.millrace.inference.swap;

import java.util.ArrayDeque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/** Entries of the log of swaps that wait for the database, in their order; for one thread. */
final class UnwrittenEntries {
  private static final Logger LOG = LoggerFactory.getLogger(UnwrittenEntries.class);

  private final ArrayDeque<Runnable> entries = new ArrayDeque<>();

  void add(Runnable entry) {
    entries.add(entry);
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Writes what can be written; the rest waits for the next time. */
  void write() {
    try {
      for (Runnable entry = entries.peek(); entry != null; entry = entries.peek()) {
        entry.run();
        entries.remove();
      }
    } catch (DataAccessException | TransactionException e) {
      LOG.warn("cannot log {} swaps, trying again: {}", entries.size(), e.getMessage());
    } catch (RuntimeException e) {
      // Not the database's trouble but the entry's own: it must not hold up those behind it.
      entries.remove();
      throw e;
    }
  }
}
