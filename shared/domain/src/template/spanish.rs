//! The pack in Spanish.

use super::{Answers, Bodies, PackTemplate, PayButton, TEXTS_PER_LANGUAGE, pack};
use crate::language::Language;

pub(super) static TEXTS: [PackTemplate; TEXTS_PER_LANGUAGE] =
    pack(Language::Spanish, "Responda BAJA para no recibir más recordatorios.", BODIES, &ANSWERS, &PAY);

const BODIES: Bodies = Bodies {
    upcoming: "Hola, {{customer_name}}: un recordatorio amable de {{business_name}} sobre lo que vence \
           pronto: {{invoice_list}}. El total es {{total}}. Si ya está pagado, avísenos, por favor. \
           Gracias.",
    overdue_gentle: "Hola, {{customer_name}}: le escribe {{business_name}}. Según nuestros registros, ya ha \
           vencido lo siguiente: {{invoice_list}}. El total es {{total}}. Si ya está pagado, avísenos, \
           por favor, y reciba nuestro agradecimiento.",
    overdue_firm: "Hola, {{customer_name}}: {{business_name}} sigue a la espera del pago de: {{invoice_list}}. \
           El total es {{total}}. Le rogamos que pague ahora o responda con una fecha. Si ya está \
           pagado, avísenos, por favor.",
    overdue_final: "Hola, {{customer_name}}: este es el último recordatorio de {{business_name}} sobre: \
           {{invoice_list}}. El total es {{total}}. Le rogamos que pague o responda hoy para encontrar \
           juntos una solución. Si ya está pagado, avísenos, por favor.",
    promise_missed: "Hola, {{customer_name}}: {{business_name}} esperaba el pago prometido y aún no lo ha \
           recibido: {{invoice_list}}. El total es {{total}}. Si ya está pagado, avísenos, por favor; \
           si no, responda con una nueva fecha.",
    thank_you: "Hola, {{customer_name}}: {{business_name}} ha recibido su pago de {{paid_amount}}. Muchas \
           gracias.",
    part_payment: "Hola, {{customer_name}}: {{business_name}} ha recibido su pago de {{paid_amount}}. Muchas \
           gracias. Sigue pendiente y vencido: {{invoice_list}}. El total es {{total}}. Si ya está \
           pagado, avísenos, por favor.",
};

const ANSWERS: Answers = Answers {
    leads: "Elija una respuesta abajo o escríbanos.",
    labels: ["Ya pagué", "Pagar en una fecha", "Pregunta"],
};

const PAY: PayButton = PayButton { leads: "Puede ver y pagar la factura abajo.", label: ["Ver y pagar"] };
