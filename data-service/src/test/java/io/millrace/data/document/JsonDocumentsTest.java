package io.millrace.data.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.millrace.contracts.data.v1.Cell;
import io.millrace.contracts.data.v1.ChatTurn;
import io.millrace.contracts.data.v1.Document;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** The forms in which people have documents. */
class JsonDocumentsTest {
  private final JsonDocuments json = new JsonDocuments(1 << 20);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "{`messages`:[{`role`:`system`,`content`:`s`},{`role`:`user`,`content`:`u`},{`role`:`assistant`,`content`:`a`}]} | system:s user:u assistant:a",
        "{`messages`:[{`role`:`developer`,`content`:`s`},{`role`:`assistant`,`content`:[{`type`:`text`,`text`:`a`},{`type`:`text`,`text`:`b`}]}]} | system:s assistant:ab",
        "{`messages`:[{`role`:`assistant`,`content`:`a`,`name`:`n`,`refusal`:null,`tool_calls`:null,`weight`:1}]} | assistant:a",
        "{`conversations`:[{`from`:`human`,`value`:`u`},{`from`:`gpt`,`value`:`a`}]} | user:u assistant:a",
        "{`question`:`q`,`answer`:`a`} | user:q assistant:a",
        "{`instruction`:`i`,`input`:``,`output`:`o`} | user:i assistant:o",
        "{`instruction`:`i`,`output`:`o`} | user:i assistant:o",
      })
  void readsConversations(String line, String turns) {
    assertThat(
            read(line, ExtraFields.REFUSE).getChat().getTurnsList().stream()
                .map(JsonDocumentsTest::spelled)
                .collect(Collectors.joining(" ")))
        .isEqualTo(turns);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{`x`:1 | not JSON: Unexpected end-of-input: expected close marker for Object (column 7)",
        "{`x`:NaN} | not JSON: Non-standard token 'NaN' (column 9)",
        "[{`x`:1},XX {`x`:oops}] | not JSON: Unrecognized token 'oops': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false') (line 2, column 7)",
      })
  void saysWhereItIsNoJsonWithoutThePartsOfItsParser(String text, String reason) {
    byte[] body = text.replace('`', '"').replace("XX", "\n").getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(
            () -> {
              JsonObjects objects = json.objects(new ByteArrayInputStream(body));
              ObjectNode one = objects.next();
              while (one != null) {
                one = objects.next();
              }
            })
        .isInstanceOf(MillraceException.class)
        .hasMessage(reason);
  }

  private static String spelled(ChatTurn turn) {
    return turn.getRole() + ":" + turn.getText();
  }

  @Test
  void putsTheInputOfAnInstructionBehindIt() {
    Document document =
        read("{`instruction`:`add`,`input`:`1 2`,`output`:`3`,`id`:7}", ExtraFields.REFUSE);
    assertThat(document.getId()).isEqualTo("7");
    assertThat(document.getChat().getTurns(0).getText()).isEqualTo("add\n\n1 2");
  }

  @Test
  void readsContinuations() {
    Document document = read("{`prompt`:`once `,`completion`:`upon`}", ExtraFields.REFUSE);
    assertThat(document.getContinuation().getPrompt()).isEqualTo("once ");
    assertThat(document.getContinuation().getCompletion()).isEqualTo("upon");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "{`txt`:`a`} | field 'text' is missing; documents have one of text, messages, conversations,",
        "{`question`:`q`} | field 'answer' is missing",
        "{`question`:` `,`answer`:`a`} | the question is empty",
        "{`prompt`:`p`,`chosen`:`c`,`rejected`:`r`} | unknown field 'chosen'; known are completion, id, prompt",
        "{`messages`:[]} | messages must be an array with at least one message",
        "{`messages`:`hello`} | messages must be an array",
        "{`messages`:[5]} | messages[0] must be an object",
        "{`messages`:[{`role`:`user`}]} | field 'messages[0].content' is missing",
        "{`messages`:[{`content`:`a`}]} | field 'messages[0].role' is missing",
        "{`messages`:[{`role`:`user`,`content`:5}]} | messages[0].content must be a string or an array",
        "{`messages`:[{`role`:`user`,`content`:[{`type`:`image_url`}]}]} | messages[0].content[0] is a part of type image_url",
        "{`messages`:[{`role`:`assistant`,`content`:`a`,`tool_calls`:[{}]}]} | messages[0].tool_calls is not learned from",
        "{`messages`:[{`role`:`assistant`,`content`:`a`,`weight`:0}]} | messages[0].weight must be 1",
        "{`conversations`:[{`from`:`tool`,`value`:`a`}]} | conversations[0].from is 'tool'",
      })
  void saysWhatItCannotRead(String line, String reason) {
    assertThatThrownBy(() -> read(line, ExtraFields.REFUSE))
        .isInstanceOf(MillraceException.class)
        .hasMessageStartingWith(reason);
  }

  @Test
  void treatsExtraFieldsAsTheCallerSays() {
    String line = "{`text`:`a`,`url`:`u`,`meta`:{`year`:1999}}";
    assertThatThrownBy(() -> read(line, ExtraFields.REFUSE))
        .hasMessage(
            "unknown field 'url'; known are id, text; extra_fields=keep takes others as metadata,"
                + " extra_fields=ignore leaves them out");
    assertThat(read(line, ExtraFields.IGNORE).getMetadata()).isEmpty();
    assertThat(read(line, ExtraFields.KEEP).getMetadata())
        .isEqualTo("{\"url\":\"u\",\"meta\":{\"year\":1999}}");
    assertThat(read("{`text`:`a`}", ExtraFields.KEEP).getMetadata()).isEmpty();
    assertThatThrownBy(() -> ExtraFields.of("drop"))
        .hasMessage("extra_fields must be one of refuse, ignore, keep, not 'drop'");
  }

  @Test
  void aLabelIsAFieldOfDatasetsWithClassesAlone() {
    Content labelled = new Content.Text(64, null, List.of("1", "good"));
    assertThat(read("{`text`:`a`,`label`:`good`}", ExtraFields.REFUSE, labelled).getLabel())
        .isEqualTo("good");
    assertThat(read("{`text`:`a`,`label`:1}", ExtraFields.REFUSE, labelled).getLabel())
        .isEqualTo("1");
    assertThat(read("{`text`:`a`,`label`:null}", ExtraFields.REFUSE, labelled).getLabel())
        .isEmpty();
    assertThatThrownBy(() -> read("{`text`:`a`,`label`:1.5}", ExtraFields.REFUSE, labelled))
        .hasMessage("label must be a string or a whole number, the name of a class");
    assertThatThrownBy(() -> read("{`text`:`a`,`label`:`good`}", ExtraFields.REFUSE))
        .hasMessageStartingWith("unknown field 'label'; known are id, text");
    assertThat(read("{`text`:`a`,`label`:`good`}", ExtraFields.KEEP).getMetadata())
        .isEqualTo("{\"label\":\"good\"}");
  }

  @Test
  void picturesWithALabelOrWithoutClassesNeedNoBoxes() {
    Content labelled = new Content.Pictures(64, 64, List.of("cat"));
    Content plain = new Content.Pictures(64, 64, List.of());
    String picture = "{`image`:`AAAA`}";
    assertThat(read("{`image`:`AAAA`,`label`:`cat`}", ExtraFields.REFUSE, labelled).getLabel())
        .isEqualTo("cat");
    assertThat(read(picture, ExtraFields.REFUSE, plain).getImage().getBoxesCount()).isZero();
    assertThatThrownBy(() -> read(picture, ExtraFields.REFUSE, labelled))
        .hasMessageStartingWith("boxes must be an array");
  }

  @Test
  void aRowHasANumberInTheFieldOfEachColumn() {
    Content rows = new Content.Rows(List.of("age", "height"), List.of("a", "b"));
    Document row = read("{`height`:2,`id`:7,`age`:1.5,`label`:`b`}", ExtraFields.REFUSE, rows);
    assertThat(row.getId()).isEqualTo("7");
    assertThat(row.getLabel()).isEqualTo("b");
    assertThat(row.getRow().getCellsList())
        .extracting(Cell::getColumn, Cell::getNumber)
        .containsExactly(tuple("age", 1.5f), tuple("height", 2f));
    assertThatThrownBy(() -> read("{`age`:`1.5`}", ExtraFields.REFUSE, rows))
        .hasMessage("column 'age' must be a number, not string");
    assertThatThrownBy(() -> read("{`age`:1,`hight`:2}", ExtraFields.REFUSE, rows))
        .hasMessageStartingWith("unknown field 'hight'; known are age, height, id, label");
  }

  private Document read(String line, ExtraFields extra) {
    return read(line, extra, new Content.Text(64, null));
  }

  private Document read(String line, ExtraFields extra, Content content) {
    return json.read(line.replace('`', '"').getBytes(StandardCharsets.UTF_8), extra, content);
  }
}
