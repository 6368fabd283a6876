"""What becomes of a mail and why, without a call: `faxgate explain`, and the row beside each job.

`Explainer` judges and measures with the parts that really send: the address directory, the rules,
the rendering and the line times. It decides nothing itself.
"""

from gateway.explain.explainer import Asked, Explainer, To
from gateway.explain.explanation import Explanation
from gateway.explain.keeping import Keeping

__all__ = ["Asked", "Explainer", "Explanation", "Keeping", "To"]
