package io.millrace.data.upload;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The description of uploads, in all media types that {@link UploadController} has methods for. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Operation(
    operationId = "appendDocuments",
    summary = "Append documents",
    description =
        """
        One JSON object a line, an array of them or one, a table, a plain text, a picture, a zip archive, or the files of a form.
        Of images an object has the picture in base64 and its boxes in pixels of what a person sees; a form has
        pictures and either one COCO .json file or a Pascal VOC .xml or YOLO .txt file each, or zip archives; an archive has pictures, and
        COCO, Pascal VOC or YOLO files if anything is in them. The answer comes when Kafka has all documents.
        An upload that is refused half-way keeps what came before: the header X-Millrace-Accepted says how
        many documents that are. Of a dataset with classes an object has its class in label, a table in a column, and
        the files of an archive by the name of their folder. A row of numbers is an object with a field a column, or a
        row of a table.\
        """,
    parameters = {
      @Parameter(
          name = "extra_fields",
          in = ParameterIn.QUERY,
          schema = @Schema(type = "string"),
          description = "What becomes of fields that are not known: refuse, ignore or keep."),
      @Parameter(
          name = "column",
          in = ParameterIn.QUERY,
          schema = @Schema(type = "string"),
          description = "Of a table: the column that holds the texts."),
      @Parameter(
          name = "id_column",
          in = ParameterIn.QUERY,
          schema = @Schema(type = "string"),
          description = "Of a table: the column that holds the ids."),
      @Parameter(
          name = "label_column",
          in = ParameterIn.QUERY,
          schema = @Schema(type = "string"),
          description =
              "Of a table of a dataset with classes: the column that holds the labels, if not label."),
      @Parameter(
          name = "label",
          in = ParameterIn.QUERY,
          schema = @Schema(type = "string"),
          description = "Of a plain text or a picture: its class."),
      @Parameter(
          name = "id",
          in = ParameterIn.QUERY,
          schema = @Schema(type = "string"),
          description = "Of a plain text or a picture: its id."),
      @Parameter(
          name = UploadController.DOCUMENT_ID,
          in = ParameterIn.HEADER,
          schema = @Schema(type = "string"),
          description = "The same as id; ASCII alone."),
      @Parameter(
          name = "boxes",
          in = ParameterIn.QUERY,
          schema = @Schema(type = "string"),
          description =
              "Of a picture: its boxes as in a line, a JSON array. None: nothing is in it."),
      @Parameter(
          name = UploadKey.HEADER,
          in = ParameterIn.HEADER,
          schema = @Schema(type = "string"),
          description = "With it, an upload may be sent again and adds nothing twice.")
    },
    requestBody =
        @RequestBody(
            required = true,
            content = {
              @Content(
                  mediaType = "application/x-ndjson",
                  schema = @Schema(type = "string"),
                  examples = {
                    @ExampleObject(name = "text", value = UploadDescription.TEXT_LINES),
                    @ExampleObject(name = "image", value = UploadDescription.IMAGE_LINES)
                  }),
              @Content(
                  mediaType = "application/ndjson",
                  schema = @Schema(type = "string"),
                  examples = @ExampleObject(UploadDescription.TEXT_LINES)),
              @Content(
                  mediaType = "application/jsonl",
                  schema = @Schema(type = "string"),
                  examples = @ExampleObject(UploadDescription.TEXT_LINES)),
              @Content(
                  mediaType = "text/csv",
                  schema = @Schema(type = "string"),
                  examples = @ExampleObject("id,text\n1,Once upon a time ...\n")),
              @Content(
                  mediaType = "text/tab-separated-values",
                  schema = @Schema(type = "string"),
                  examples = @ExampleObject("id\ttext\n1\tOnce upon a time ...\n")),
              @Content(
                  mediaType = "text/plain",
                  schema = @Schema(type = "string"),
                  examples = @ExampleObject("Once upon a time ...")),
              @Content(
                  mediaType = "image/png",
                  schema = @Schema(type = "string", format = "binary")),
              @Content(
                  mediaType = "image/jpeg",
                  schema = @Schema(type = "string", format = "binary")),
              @Content(
                  mediaType = "application/zip",
                  schema = @Schema(type = "string", format = "binary")),
              @Content(
                  mediaType = "application/json",
                  array = @ArraySchema(schema = @Schema(implementation = Object.class)),
                  examples = {
                    @ExampleObject(name = "several", value = UploadDescription.TEXT_ARRAY),
                    @ExampleObject(name = "one", value = UploadDescription.TEXT_OBJECT)
                  }),
              @Content(
                  mediaType = "multipart/form-data",
                  // The names of the fields do not matter.
                  schema = @Schema(type = "object"),
                  additionalPropertiesSchema = @Schema(type = "string", format = "binary"))
            }))
@interface UploadDescription {
  /** Documents of texts. */
  String TEXT_LINES =
      """
      {"id": "1", "text": "Once upon a time ..."}
      {"text": "The id may be left out."}
      """;

  /** A document of text. */
  String TEXT_OBJECT = "{\"id\": \"1\", \"text\": \"Once upon a time ...\"}";

  /** Several of them. */
  String TEXT_ARRAY =
      "[{\"text\": \"Once upon a time ...\"}, {\"text\": \"The id may be left out.\"}]";

  /** Documents of images. */
  String IMAGE_LINES =
      """
      {"id": "1.png", "image": "BASE64", "boxes": [{"x": 6, "y": 4, "width": 16, "height": 8, "label": "cat"}]}
      {"id": "2.png", "image": "BASE64", "boxes": []}
      """;
}
