package io.millrace.data.prepare;

import io.millrace.contracts.record.CorruptRecordException;
import io.millrace.contracts.record.PackedSequences;
import io.millrace.contracts.record.Samples;
import io.millrace.contracts.record.TableRows;
import io.millrace.platform.registry.Content;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The sequence numbers of prepared records. */
final class RecordNumber {
  private RecordNumber() {}

  /** The number of a record; none if it is no record of such a dataset. */
  static OptionalLong of(Content content, byte @Nullable [] value) {
    if (value == null) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(
          switch (content) {
            case Content.Text _ -> PackedSequences.parse(value).getSequenceNumber();
            case Content.Pictures _ -> Samples.parse(value).getSequenceNumber();
            case Content.Rows _ -> TableRows.parse(value).getSequenceNumber();
          });
    } catch (CorruptRecordException e) {
      return OptionalLong.empty();
    }
  }
}
