package io.millrace.data.document;

import io.millrace.contracts.data.v1.Document;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.DatasetEntry.Kind;
import java.util.Locale;

/** What a document must look like to be accepted; what is in a picture, preparation finds out. */
public final class DocumentRules {

  private DocumentRules() {}

  /**
   * The document, with an id from its content if it has none.
   *
   * @param largest in bytes, as it is written to Kafka
   * @throws MillraceException INVALID_ARGUMENT or PAYLOAD_TOO_LARGE
   */
  public static Document check(Document document, Kind kind, long largest) {
    switch (document.getContentCase()) {
      case TEXT -> {
        require(kind, Kind.TEXT);
        if (document.getText().isBlank()) {
          throw MillraceException.invalid("text", "the text is empty");
        }
        String fault = TextRules.faultOf(document.getText());
        if (!fault.isEmpty()) {
          throw MillraceException.invalid("text", "not text: " + fault);
        }
      }
      case IMAGE -> {
        require(kind, Kind.IMAGES);
        if (document.getImage().getEncoded().isEmpty()) {
          throw MillraceException.invalid("image", "the image is empty");
        }
        String fault = PictureRules.faultOf(document.getImage());
        if (!fault.isEmpty()) {
          throw MillraceException.invalid("boxes", fault);
        }
      }
      case CHAT -> {
        require(kind, Kind.TEXT);
        refuse("messages", ConversationRules.faultOf(document.getChat()));
      }
      case CONTINUATION -> {
        require(kind, Kind.TEXT);
        refuse("completion", ConversationRules.faultOf(document.getContinuation()));
      }
      case CONTENT_NOT_SET ->
          throw MillraceException.invalid("text", "a document needs a text or an image");
    }
    checkId(document.getId());
    Document whole =
        document.getId().isEmpty()
            ? document.toBuilder().setId(DocumentIds.ofContent(document)).build()
            : document;
    if (whole.getSerializedSize() > largest) {
      throw new MillraceException(
          ErrorCode.PAYLOAD_TOO_LARGE,
          "the document has %d bytes, the limit is %d; split it"
              .formatted(whole.getSerializedSize(), largest));
    }
    return whole;
  }

  private static void refuse(String field, String fault) {
    if (!fault.isEmpty()) {
      throw MillraceException.invalid(field, fault);
    }
  }

  private static void checkId(String id) {
    if (id.length() > DocumentIds.MAX_LENGTH) {
      throw MillraceException.invalid(
          "id", "the id is longer than " + DocumentIds.MAX_LENGTH + " characters");
    }
    if (id.chars().anyMatch(Character::isISOControl) || !TextRules.faultOf(id).isEmpty()) {
      throw MillraceException.invalid("id", "the id has control characters");
    }
  }

  private static void require(Kind dataset, Kind document) {
    if (dataset != document) {
      throw MillraceException.invalid(
          document == Kind.TEXT ? "text" : "image",
          "the dataset holds "
              + dataset.name().toLowerCase(Locale.ROOT)
              + ", this is "
              + (document == Kind.TEXT ? "text" : "an image"));
    }
  }
}
