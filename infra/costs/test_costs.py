"""The document about costs is what counts and prices say, and the limits hold."""

import unittest

import costs


class Costs(unittest.TestCase):
    def test_the_document_is_what_the_counts_and_the_prices_say(self) -> None:
        self.assertEqual(costs.DOCUMENT.read_text(), costs.document(), "run make costs")

    def test_a_million_reminders_cost_no_more_than_was_reached_and_an_idle_organisation_no_more_than_allowed(self) -> None:
        row, usd = costs.rows(), costs.prices()
        self.assertLessEqual(costs.total(costs.of_reminder(row, usd)) * 1e6, costs.REACHED_PER_MILLION)
        self.assertLessEqual(costs.total(costs.of_idle_month(row, usd)), costs.MOST_IDLE)

    def test_a_cost_grows_with_its_count_and_its_price(self) -> None:
        row, usd = costs.rows(), costs.prices()
        before = costs.total(costs.of_reminder(row, usd))
        more = costs.of_reminder({**row, "write_units_per_reminder": row["write_units_per_reminder"] + 8}, usd)
        self.assertAlmostEqual(costs.total(more) - before, 8 * usd["write_unit"])
        dearer = costs.of_reminder(row, {**usd, "http_api_request": 2 * usd["http_api_request"]})
        self.assertAlmostEqual(costs.total(dearer) - before, costs.assumed("statuses") * usd["http_api_request"])

    def test_alarms_keys_secrets_and_queues_are_counted_in_the_templates(self) -> None:
        self.assertEqual(costs.template_counts(), {"alarms": 90, "keys": 2, "secrets": 1, "queues": 5})

    def test_lambda_has_no_line_of_its_own_about_a_status_that_was_taken_in(self) -> None:
        self.assertEqual(costs.lines_of_lambda(), 0)

    def test_a_limit_that_is_not_met_is_said(self) -> None:
        self.assertEqual(costs.verdict("It", 26.0, 25.0), "It: 26 USD, at most 25 allowed: NOT met.")
        self.assertEqual(costs.verdict("It", 24.96, 25.0), "It: 25 USD, at most 25 allowed: met.")


if __name__ == "__main__":
    unittest.main()
