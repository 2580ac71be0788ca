package io.millrace.data.rpc;

import com.google.protobuf.ByteString;
import io.millrace.contracts.data.v1.ListRejectedResponse;
import io.millrace.contracts.data.v1.RejectedDocument;
import io.millrace.data.rejected.Cursor;
import io.millrace.data.rejected.RejectedPage;
import io.millrace.data.snapshot.SnapshotMessages;

/** Rejected documents as messages. */
final class RejectedMessages {

  private RejectedMessages() {}

  static ListRejectedResponse message(RejectedPage page) {
    Cursor next = page.next();
    return ListRejectedResponse.newBuilder()
        .addAllRejected(page.documents().stream().map(RejectedMessages::message).toList())
        .setNext(next == null ? "" : next.toString())
        .build();
  }

  private static RejectedDocument message(io.millrace.data.rejected.RejectedDocument document) {
    byte[] value = document.value();
    return RejectedDocument.newBuilder()
        .setPartition(document.partition())
        .setOffset(document.offset())
        .setReason(document.reason())
        .setSource(document.source())
        .setKey(document.key())
        .setContentType(document.contentType())
        .setRejectedAt(SnapshotMessages.timestamp(document.rejectedAt()))
        .setReplayed(document.replayed())
        .setContent(value == null ? ByteString.EMPTY : ByteString.copyFrom(value))
        .build();
  }
}
