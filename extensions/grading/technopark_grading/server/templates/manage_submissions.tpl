{%- extends 'nbgrader/manage_submissions.tpl' -%}

{%- block messages -%}
<p>
  <button type="button" class="btn btn-primary" id="grade-all">{{ words["grade all"] }}</button>
  <button type="button" class="btn btn-default" id="grade-cancel" style="display: none">{{ words["cancel"] }}</button>
  <a class="btn btn-default" href="{{ base_url }}/technopark/marks.csv">{{ words["marks"] }}</a>
  <button type="button" class="btn btn-link" id="grade-again">{{ words["grade again"] }}</button>
</p>
<p><strong id="grade-all-progress" role="status" aria-live="polite"></strong></p>
<table class="table table-condensed" id="grade-all-pupils" style="display: none">
  <thead><tr>{% for column in words["columns"] %}<th>{{ column }}</th>{% endfor %}</tr></thead>
  <tbody></tbody>
</table>
<script>
(function () {
  var words = {{ words | tojson }};
  var address = base_url + "/technopark/autograde/" + encodeURIComponent(assignment_id);
  var starters = $("#grade-all, #grade-again");
  var stopper = $("#grade-cancel");
  var progress = $("#grade-all-progress");
  var table = $("#grade-all-pupils");
  var wasRunning = false;

  function duration(seconds) {
    return seconds < 90 ? seconds + " " + words["seconds"] : Math.round(seconds / 60) + " " + words["minutes"];
  }

  function summary(state) {
    var counts = state.counts;
    var text = words["phases"][state.state];
    if (counts.all) {
      text += ": " + (counts.graded + counts.attention) + " / " + counts.all;
      ["grading", "attention"].forEach(function (one) {
        if (counts[one]) { text += " · " + words["states"][one] + ": " + counts[one]; }
      });
    }
    if (state.seconds_left) {  // not "about 0 s", when works take longer than the first ones did
      text += " · " + words["left"] + " " + duration(state.seconds_left);
    }
    var trouble = state.stalled || state.problem;
    return trouble ? text + ". " + trouble : text;
  }

  function row(pupil) {
    var told = words["states"][pupil.state] + (pupil.reason ? ": " + pupil.reason : "");
    var points = pupil.points === null ? "" : pupil.points + " / " + pupil.of;
    return $("<tr>").attr("data-state", pupil.state).append(
      $("<td>").text(pupil.full_name), $("<td>").text(told), $("<td>").text(points));
  }

  // While it runs everybody is listed; afterwards those whom the teacher should look at.
  function show(state) {
    starters.prop("disabled", state.running);
    stopper.toggle(state.running).prop("disabled", false);
    progress.text(summary(state));
    var listed = state.pupils.filter(function (pupil) {
      return state.running || pupil.state === "attention";
    });
    table.toggle(listed.length > 0).find("tbody").empty().append(listed.map(row));
    if (state.running) {
      wasRunning = true;
      setTimeout(ask, 1000);
    } else if (wasRunning) {
      location.reload();  // nbgrader's own list below knows the new marks then
    }
  }

  function lost() {
    starters.prop("disabled", false);
    progress.text(words["lost"]);
  }

  // JupyterHub believes a page's own requests by this header, as nbgrader's pages send it.
  function call(method, wanted) {
    var headers = {"X-CSRFToken": getCookie("_xsrf")};
    var body = wanted ? JSON.stringify(wanted) : undefined;
    return $.ajax({url: address, method: method, data: body, contentType: "application/json",
                   dataType: "json", headers: headers});
  }

  function ask() {
    call("GET").done(show).fail(lost);
  }

  function start(again) {
    starters.prop("disabled", true);
    progress.text(words["starting"]);
    call("POST", {"again": again}).done(show).fail(lost);
  }

  $("#grade-all").on("click", function () { start(false); });
  $("#grade-again").on("click", function () { start(true); });
  stopper.on("click", function () {
    stopper.prop("disabled", true);
    progress.text(words["cancelling"]);
    call("DELETE").fail(lost);
  });

  ask();
})();
</script>
{%- endblock -%}
