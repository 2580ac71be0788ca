package io.millrace.data.document;

import io.millrace.contracts.data.v1.Document;
import io.millrace.contracts.data.v1.Image;
import io.millrace.platform.registry.Content;

/**
 * What a document must look like to be taken, wherever it comes from: REST, gRPC or any Kafka
 * producer. What is in a picture, preparation finds out.
 *
 * @param content of the dataset
 * @param largest in bytes, as it is written to Kafka
 */
public record DocumentRules(Content content, long largest) {

  /**
   * The document, with an id from its content if it has none.
   *
   * @throws RejectedDocumentException if it breaks a rule
   */
  public Document check(Document document) throws RejectedDocumentException {
    switch (document.getContentCase()) {
      case TEXT -> checkText(document.getText());
      case IMAGE -> checkImage(document.getImage());
      case CHAT -> {
        requireTexts("messages", "a conversation");
        refuse("messages", ConversationRules.faultOf(document.getChat()));
      }
      case CONTINUATION -> {
        requireTexts("completion", "a continuation");
        refuse("completion", ConversationRules.faultOf(document.getContinuation()));
      }
      case ROW -> {
        if (!(content instanceof Content.Rows rows)) {
          throw new RejectedDocumentException(
              "row", "the dataset holds %s, this is a row".formatted(content.kind()));
        }
        RowRules.check(document.getRow(), rows.columns());
      }
      case CONTENT_NOT_SET ->
          throw new RejectedDocumentException("text", "a document needs a text, an image or a row");
    }
    LabelRules.check(document.getLabel(), content);
    checkId(document.getId());
    Document whole =
        document.getId().isEmpty()
            ? document.toBuilder().setId(DocumentIds.ofContent(document)).build()
            : document;
    if (whole.getSerializedSize() > largest) {
      throw RejectedDocumentException.tooLarge(
          "the document has %d bytes, the limit is %d; split it"
              .formatted(whole.getSerializedSize(), largest));
    }
    return whole;
  }

  private void checkText(String text) throws RejectedDocumentException {
    requireTexts("text", "text");
    if (text.isBlank()) {
      throw new RejectedDocumentException("text", "the text is empty");
    }
    String fault = TextRules.faultOf(text);
    refuse("text", fault.isEmpty() ? "" : "not text: " + fault);
  }

  private void checkImage(Image image) throws RejectedDocumentException {
    if (!(content instanceof Content.Pictures)) {
      throw new RejectedDocumentException(
          "image", "the dataset holds %s, this is an image".formatted(content.kind()));
    }
    if (image.getEncoded().isEmpty()) {
      throw new RejectedDocumentException("image", "the image is empty");
    }
    refuse("boxes", PictureRules.faultOf(image));
  }

  private void requireTexts(String field, String document) throws RejectedDocumentException {
    if (!(content instanceof Content.Text)) {
      throw new RejectedDocumentException(
          field, "the dataset holds %s, this is %s".formatted(content.kind(), document));
    }
  }

  private static void refuse(String field, String fault) throws RejectedDocumentException {
    if (!fault.isEmpty()) {
      throw new RejectedDocumentException(field, fault);
    }
  }

  private static void checkId(String id) throws RejectedDocumentException {
    if (id.length() > DocumentIds.MAX_LENGTH) {
      throw new RejectedDocumentException(
          "id",
          "the id has %d characters, the limit is %d"
              .formatted(id.length(), DocumentIds.MAX_LENGTH));
    }
    if (id.chars().anyMatch(Character::isISOControl) || !TextRules.faultOf(id).isEmpty()) {
      throw new RejectedDocumentException("id", "the id has control characters");
    }
  }
}
