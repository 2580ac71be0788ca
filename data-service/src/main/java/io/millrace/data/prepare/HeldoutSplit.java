package io.millrace.data.prepare;

import io.millrace.contracts.Topics.Split;
import io.millrace.platform.checkpoint.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Chooses the split of a document by the SHA-256 of its id, so that it is the same wherever and
 * however often the document is prepared.
 *
 * @param heldoutPercent share kept for evaluation, 0 to 100
 */
public record HeldoutSplit(double heldoutPercent) {

  /** The split of a document. */
  public Split split(String documentId) {
    byte[] digest = Sha256.digest().digest(documentId.getBytes(StandardCharsets.UTF_8));
    double place = (ByteBuffer.wrap(digest).getLong() >>> 11) * 0x1p-53; // uniform in [0, 1)
    return place * 100 < heldoutPercent ? Split.HELDOUT : Split.TRAIN;
  }
}
